"""What a viewer says about other machines over HTTP: connections, sign-in, remembered secrets."""
