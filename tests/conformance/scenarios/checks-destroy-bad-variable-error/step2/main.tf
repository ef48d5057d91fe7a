variable "v" {
  default = 1
  validation {
    condition     = var.v > 1
    error_message = "no"
  }
}
resource "terraform_data" "a" {
  input = var.v
}
