variable "n" {
  type = number
  validation {
    condition     = var.n < 100
    error_message = "n"
  }
}
resource "terraform_data" "r" {
  count = var.n > 5 ? 11 : 1
  input = var.n
  lifecycle {
    precondition {
      condition     = var.n < 12
      error_message = "n"
    }
  }
}
output "o" {
  value = terraform_data.r[0].output
}
