"""E-mail: single messages with their attachments, and mailboxes."""
