"""Make ``stix-two-math.woff2``: STIX Two Math, cut down to the signs the formulas use.

Needs fonttools and brotli, and the font as the npm package @fontsource/stix-two-math 5.3.0 has it::

    npm pack @fontsource/stix-two-math@5.3.0
    tar -xzf fontsource-stix-two-math-5.3.0.tgz
    python subset.py package/files/stix-two-math-latin-400-normal.woff2
"""

import sys
from pathlib import Path

from fontTools import subset

SIGNS = [
    *range(0x20, 0x7F),
    *map(ord, "\u00a0±·×÷¬¯˙‖…′∂∆∇∏∑−∓∕∗√∝∞∣∥∫≈≠≤≥→⋅⋯⌈⌉⌊⌋⟨⟩ħℎ"),
    *range(0x300, 0x309),  # accents: v̄, v̇
    *range(0x391, 0x3CA),  # Greek
    *range(0x1D434, 0x1D468),  # the italics that a single letter is set in
    *range(0x1D6E2, 0x1D71C),  # and the Greek ones
]


def main(source: str) -> None:
    """Write the subset beside this script."""
    options = subset.Options(
        flavor="woff2", layout_features=["ssty", "dtls"], hinting=False, desubroutinize=True
    )
    font = subset.load_font(source, options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=SIGNS)
    subsetter.subset(font)
    subset.save_font(font, str(Path(__file__).with_name("stix-two-math.woff2")), options)


if __name__ == "__main__":
    main(sys.argv[1])
