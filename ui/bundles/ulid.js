// Identities that sort by time (ULID): each is greater than all before it.
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

let last = '';

/** A new identity, greater than `after` and than all made here, whatever the clock. */
export function ulid(after = '') {
  if (after > last) last = after;
  let fresh = clock(Date.now()) + noise();
  if (fresh <= last) fresh = increment(last);
  last = fresh;
  return fresh;
}

function clock(time) {
  let text = '';
  for (let place = 0; place < 10; place += 1) {
    text = DIGITS[time % 32] + text;
    time = Math.floor(time / 32);
  }
  return text;
}

function noise() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => DIGITS[byte % 32]).join('');
}

function increment(text) {
  const digits = [...text];
  for (let place = digits.length - 1; place >= 0; place -= 1) {
    const value = DIGITS.indexOf(digits[place]);
    if (value < 31) {
      digits[place] = DIGITS[value + 1];
      return digits.join('');
    }
    digits[place] = '0';
  }
  return text;
}
