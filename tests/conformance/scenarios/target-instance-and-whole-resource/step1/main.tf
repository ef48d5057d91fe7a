resource "terraform_data" "e" { for_each = { a = 1, b = 2 } }
