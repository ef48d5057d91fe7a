variable "v" {}
resource "terraform_data" "x" { }
resource "terraform_data" "y" { input = var.v }
output "o" { value = terraform_data.x.id }
