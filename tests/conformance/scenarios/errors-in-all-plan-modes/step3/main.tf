resource "terraform_data" "a" {}
locals { unused = upper(["x"]) }
