resource "terraform_data" "e" { for_each = toset(["a"]) }
