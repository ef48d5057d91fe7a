variable "v" {
  validation {
    condition     = var.v == "w"
    error_message = "not w but ${var.v}"
  }
}
resource "terraform_data" "y" {
  input = var.v
}
