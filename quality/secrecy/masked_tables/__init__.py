"""`qpv mask`: tables read, masked or rounded, written beside, and attacked as written."""
