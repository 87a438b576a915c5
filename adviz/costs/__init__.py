"""What derivatives cost, read off a trace: passes, operations, memory, paths, orders."""
