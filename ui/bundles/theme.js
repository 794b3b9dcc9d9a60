// At the first visit, before anything is drawn: light or dark, as the system prefers.
const name = 'lucerna-theme';
if (!document.cookie.includes(`${name}=`)) {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const path = new URL('.', document.baseURI).pathname;
  document.cookie = `${name}=${dark ? 'dark' : 'default'}; path=${path}; max-age=31536000; SameSite=Lax`;
  // The page was made light; where cookies are refused it stays so.
  if (dark && document.cookie.includes(`${name}=dark`)) location.reload();
}
