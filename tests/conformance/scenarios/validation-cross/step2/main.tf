variable "a" {
  type = number
  validation {
    condition     = var.a < local.max
    error_message = "a must be less than ${local.max}"
  }
  validation {
    condition     = var.a != var.b
    error_message = "a = b"
  }
}
variable "b" {
  default = 6
  validation {
    condition     = length(terraform_data.x.input) > 0
    error_message = "x"
  }
}
locals {
  max = 10
}
resource "terraform_data" "x" {
  input = "v"
}
