resource "terraform_data" "ok" { input = 1 }
output "bad" { value = terraform_data.ok.nope }
