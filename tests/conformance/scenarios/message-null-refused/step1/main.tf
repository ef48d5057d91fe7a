variable "s" { default = "x" }
variable "n" { default = null }
resource "terraform_data" "a" {
  lifecycle {
    precondition {
      condition = var.s == "x"
      error_message = var.n
    }
  }
}
