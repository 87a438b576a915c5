"""What makes ad.grad fast without being asked; everything works without it."""
