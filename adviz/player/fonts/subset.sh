#!/bin/sh
# Makes stix-two-math.woff2: STIX Two Math, cut down to the signs that the player's formulas use.
# Needs npm, and fonttools and brotli from pip.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
npm pack --silent @fontsource/stix-two-math@5.3.0 > /dev/null
tar -xzf ./*.tgz

# ASCII, signs, accents, Greek, and the italics that a single letter of a formula is set in.
signs=U+20-7E,U+A0,U+AC,U+AF,U+B1,U+B7,U+D7,U+F7,U+127,U+2D9,U+300-308,U+391-3C9,U+2016,U+2026,U+2032
signs=$signs,U+210E,U+2192,U+2202,U+2206,U+2207,U+220F,U+2211-2213,U+2215,U+2217,U+221A,U+221D,U+221E
signs=$signs,U+2223,U+2225,U+222B,U+2248,U+2260,U+2264,U+2265,U+22C5,U+22EF,U+2308-230B,U+27E8,U+27E9
signs=$signs,U+1D434-1D467,U+1D6E2-1D71B
pyftsubset package/files/stix-two-math-latin-400-normal.woff2 --unicodes=$signs --flavor=woff2 \
    --layout-features=ssty,dtls --no-hinting --desubroutinize --output-file="$here/stix-two-math.woff2"
