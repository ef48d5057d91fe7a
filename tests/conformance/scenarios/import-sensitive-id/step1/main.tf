variable "i" {
  default = "qq"
  sensitive = true
}
import {
  to = terraform_data.a
  id = var.i
}
resource "terraform_data" "a" { }
