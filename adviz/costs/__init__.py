"""What derivatives cost: passes, operations, memory, paths, elimination orders and schedules."""
