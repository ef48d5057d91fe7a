variable "l" { default = { a = 1 } }
variable "e" {
  default = "a"
  validation {
    condition = var.e == "a"
    error_message = "m ${var.l}"
  }
  validation {
    condition = var.e == "a"
    error_message = "m ${var.l.zz}"
  }
}
