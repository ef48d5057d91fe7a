variable "z" {
  default = 0
}
resource "terraform_data" "a" {
  triggers_replace = [1 / var.z]
}
