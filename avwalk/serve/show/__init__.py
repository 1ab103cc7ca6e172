"""A folder of pictures, shown by a server of this machine: a page to sort them, and a slideshow on any screens."""
