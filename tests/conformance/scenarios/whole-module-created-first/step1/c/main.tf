variable "v" {}
resource "terraform_data" "x" { triggers_replace = var.v }
resource "terraform_data" "y" { triggers_replace = var.v }
output "o" { value = terraform_data.x.id }
