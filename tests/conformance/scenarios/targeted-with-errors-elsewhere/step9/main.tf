resource "terraform_data" "ok" { input = 1 }
resource "terraform_data" "bad" { input = terraform_data.bad2.id }
resource "terraform_data" "bad2" { input = terraform_data.bad.id }
