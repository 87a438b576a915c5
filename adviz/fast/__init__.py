"""What makes ad.grad fast by itself: plans, and code for sweeps. All works without it, slower."""
