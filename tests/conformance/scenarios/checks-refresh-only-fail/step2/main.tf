resource "terraform_data" "a" {
  input = 1
  lifecycle {
    postcondition {
      condition     = self.output > 1
      error_message = "post"
    }
    precondition {
      condition     = var.v >= 4
      error_message = "pre"
    }
  }
}
variable "v" {
  default = 1
}
output "o" {
  value = var.v
  precondition {
    condition     = var.v > 2
    error_message = "out"
  }
}
