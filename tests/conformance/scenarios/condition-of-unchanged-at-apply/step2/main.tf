variable "n" { default = 1 }
resource "terraform_data" "a" { input = var.n }
resource "terraform_data" "b" { 
  input = "same"
  lifecycle { 
    precondition {
      condition = terraform_data.a.output == 1
      error_message = "a must be 1"
    }
  }
}
