resource "terraform_data" "bad" { input = upper(["a"]) }
