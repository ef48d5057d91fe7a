variable "v" { 
  validation {
    condition = var.v < 9
    error_message = "x"
  }
}
resource "terraform_data" "a" { input = var.v }
check "x" {
  assert {
    condition = terraform_data.a.input == 1
    error_message = "no ${var.v}"
  }
}
