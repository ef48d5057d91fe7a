variable "n" {}
resource "terraform_data" "r" { count = var.n }
output "o" { value = terraform_data.r[*].id }
