resource "terraform_data" "a" { 
  input = { x = 5, y = 6 }
  lifecycle { ignore_changes = [input.x] }
}
