resource "terraform_data" "x" {}
resource "terraform_data" "y" {}
output "o" { value = terraform_data.x.id }
