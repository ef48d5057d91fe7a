resource "terraform_data" "k" {}
output "o" { value = terraform_data.k.id }
