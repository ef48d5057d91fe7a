resource "terraform_data" "y" { input = 1 }
moved { 
  from = terraform_data.x
  to = terraform_data.y
}
