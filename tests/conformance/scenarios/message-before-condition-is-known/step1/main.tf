variable "n" { default = null }
resource "terraform_data" "a" { input = ["q"] }
resource "terraform_data" "b" {
  input = 1
  lifecycle {
    precondition {
      condition = terraform_data.a.id != "z"
      error_message = "m ${var.n}"
    }
  }
}
