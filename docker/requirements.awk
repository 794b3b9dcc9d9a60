# Prints the part of requirements.lock that some distributions need, hashes and all.
#   awk -v only="hatchling" -f requirements.awk requirements.lock
#   awk -v only="lucerna-eo" -v without="keras tensorflow" -f requirements.awk …
# only: names whose needs are printed, themselves too where the lock holds them.
# without: names left out, and with them what nothing else needs.
# The lock says under each entry what asked for it ("via"); we follow that upwards.
# What only the development group asked for is no need of lucerna-eo.

BEGIN {
    count = split(only, list, " ")
    for (i = 1; i <= count; i++) kept[list[i]] = 1
    count = split(without, list, " ")
    for (i = 1; i <= count; i++) barred[list[i]] = 1
}

/^[a-z0-9]/ {
    name = $0
    sub(/[=\[ ].*/, "", name)
    if (!(name in text)) names[++total] = name
}

/^[a-z0-9]/ || /^    --hash/ { text[name] = text[name] $0 "\n" }

/^    #/ && !/:dev\)/ {
    asker = $0
    sub(/^    # *(via)? */, "", asker)
    sub(/ .*/, "", asker)
    if (asker != "") askers[name] = askers[name] " " asker
}

END {
    do {
        found = 0
        for (i = 1; i <= total; i++) {
            name = names[i]
            if ((name in kept) || (name in barred)) continue
            count = split(askers[name], list, " ")
            for (j = 1; j <= count; j++)
                if ((list[j] in kept) && !(list[j] in barred)) {
                    kept[name] = found = 1
                    break
                }
        }
    } while (found)
    for (i = 1; i <= total; i++)
        if (names[i] in kept) { printf "%s", text[names[i]]; printed++ }
    if (!printed) {
        print "requirements.awk: nothing in the lock is needed by: " only \
            "; name what it holds" > "/dev/stderr"
        exit 1
    }
}
