"""The ordinary viewer on another machine, at an address of this one."""
