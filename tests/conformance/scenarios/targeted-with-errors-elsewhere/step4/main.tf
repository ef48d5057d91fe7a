resource "terraform_data" "ok" { input = 1 }
output "bad" { value = 1 + "a" }
