"""What built pages get before they are published: tables, landmarks, few files, words about the page."""
