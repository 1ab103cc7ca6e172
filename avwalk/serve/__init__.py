"""A server on this machine: pictures of texts, films as jobs, by HTTP."""
