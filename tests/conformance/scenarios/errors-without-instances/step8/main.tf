resource "terraform_data" "x" { 
  for_each = {}
  lifecycle {
    precondition {
      condition = 1 + "a" == 2
      error_message = "x"
    }
  }
}
