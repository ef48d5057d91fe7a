variable "flag" { type = number }
resource "terraform_data" "r" { input = var.flag }
