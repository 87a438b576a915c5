"""A trace written as Python source: ad.compile."""
