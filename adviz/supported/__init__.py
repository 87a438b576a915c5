"""The supported functions: examples of their use, and the catalogue made from them."""
