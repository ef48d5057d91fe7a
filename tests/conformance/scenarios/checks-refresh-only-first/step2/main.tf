resource "terraform_data" "a" {
  input = 1
  lifecycle {
    postcondition {
      condition     = self.output >= 0
      error_message = "post"
    }
    precondition {
      condition     = var.v >= 0
      error_message = "pre"
    }
  }
}
check "c" {
  assert {
    condition     = terraform_data.a.output == 1
    error_message = "a"
  }
}
variable "v" {
  default = 1
  validation {
    condition     = var.v > 0
    error_message = "no"
  }
}
output "o" {
  value = var.v
  precondition {
    condition     = var.v > 0
    error_message = "out"
  }
}
