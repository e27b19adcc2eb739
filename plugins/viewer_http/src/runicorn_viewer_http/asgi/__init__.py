"""What stands between hypercorn and the endpoints: access rules, dispatch, answers."""
