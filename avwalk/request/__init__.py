"""From the options of a render to a request: everything checked and settled before anything is written."""
