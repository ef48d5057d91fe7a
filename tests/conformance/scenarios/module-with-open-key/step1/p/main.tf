variable "in" {}
resource "terraform_data" "z" { input = var.in }
