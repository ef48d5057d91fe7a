resource "terraform_data" "ok" { input = 1 }
resource "terraform_data" "bad" { input = local.zz }
