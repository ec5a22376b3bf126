# The value of one key of the JSON object on stdin: as it stands, or with -v as=text the string it means.
# Usage: LC_ALL=C awk -v key=metadata -f json.awk. Exits with 1 when there is no such key, or no such JSON.

BEGIN { RS = "\001" } # which no JSON has in it: the whole input is one record

{
    json = json $0
}

END {
    at = blank(1)
    if (substr(json, at, 1) != "{") exit 1
    at = blank(at + 1)
    while (substr(json, at, 1) == "\"") {
        end = after(at)
        name = substr(json, at + 1, end - at - 2)
        at = blank(end)
        if (substr(json, at, 1) != ":") exit 1
        at = blank(at + 1)
        end = after(at)
        if (name == key) {
            value = substr(json, at, end - at)
            if (as == "text") value = text(value)
            printf "%s", value
            exit 0
        }
        at = blank(end)
        if (substr(json, at, 1) == ",") at = blank(at + 1)
    }
    exit 1
}

function blank(from) {
    while (substr(json, from, 1) ~ /[ \t\r\n]/) from++
    return from
}

# Behind the value that begins at `from`.
function after(from,    first, depth, char) {
    first = substr(json, from, 1)
    if (first == "\"") return quoted(from)
    depth = 0
    for (; from <= length(json); from++) {
        char = substr(json, from, 1)
        if (char == "\"") { from = quoted(from) - 1; continue }
        if (char == "{" || char == "[") { depth++; continue }
        if (depth == 0 && (char == "," || char == "}" || char == "]" || char ~ /[ \t\r\n]/)) return from
        if (char == "}" || char == "]") { depth--; if (depth == 0) return from + 1 }
    }
    return from
}

function quoted(from,    char) {
    for (from++; from <= length(json); from++) {
        char = substr(json, from, 1)
        if (char == "\\") from++
        else if (char == "\"") return from + 1
    }
    return from
}

function text(raw,    out, from, char, code) {
    if (substr(raw, 1, 1) != "\"") return raw
    raw = substr(raw, 2, length(raw) - 2)
    out = ""
    for (from = 1; from <= length(raw); from++) {
        char = substr(raw, from, 1)
        if (char != "\\") { out = out char; continue }
        char = substr(raw, ++from, 1)
        if (char == "n") out = out "\n"
        else if (char == "t") out = out "\t"
        else if (char == "r") out = out "\r"
        else if (char == "b") out = out "\b"
        else if (char == "f") out = out "\f"
        else if (char == "u") {
            code = hex(substr(raw, from + 1, 4))
            from += 4
            if (code >= 55296 && code < 56320 && substr(raw, from + 1, 2) == "\\u") { # half of a pair
                code = 65536 + (code - 55296) * 1024 + hex(substr(raw, from + 3, 4)) - 56320
                from += 6
            }
            out = out utf8(code)
        }
        else out = out char
    }
    return out
}

function hex(digits,    value, i) {
    value = 0
    for (i = 1; i <= length(digits); i++) value = value * 16 + index("0123456789abcdef", tolower(substr(digits, i, 1))) - 1
    return value
}

function utf8(code) {
    if (code < 128) return sprintf("%c", code)
    if (code < 2048) return sprintf("%c%c", 192 + int(code / 64), 128 + code % 64)
    if (code < 65536) return sprintf("%c%c%c", 224 + int(code / 4096), 128 + int(code / 64) % 64, 128 + code % 64)
    return sprintf("%c%c%c%c", 240 + int(code / 262144), 128 + int(code / 4096) % 64, 128 + int(code / 64) % 64, 128 + code % 64)
}
