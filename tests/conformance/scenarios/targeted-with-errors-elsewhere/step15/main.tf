resource "terraform_data" "bad" { count = "x" }
