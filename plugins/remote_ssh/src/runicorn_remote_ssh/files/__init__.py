"""Files over SFTP: the transport, a storage root of another machine, mirrors."""
