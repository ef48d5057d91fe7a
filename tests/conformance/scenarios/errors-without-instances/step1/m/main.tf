resource "terraform_data" "x" { input = upper(["a"]) }
