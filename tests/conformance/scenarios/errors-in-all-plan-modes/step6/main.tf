resource "terraform_data" "a" { input = local.unused }
locals { unused = upper(["x"]) }
